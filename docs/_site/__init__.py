"""What the site needs beside Sphinx: formulas, links, generated pages and plots."""
