"""The mutants of a module: its source, each with one operator, number or condition changed."""

import ast
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import parso  # noqa: F401 - cosmic_ray imports its parts in an order that fails
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

PACKAGE = Path("src/maskloss")

# One sensible other for each operator; every number is moved both ways.
OPERATORS = [
    get_operator(f"core/{name}")
    for name in (
        "ReplaceBinaryOperator_Add_Sub",
        "ReplaceBinaryOperator_Sub_Add",
        "ReplaceBinaryOperator_Mul_Div",
        "ReplaceBinaryOperator_Div_Mul",
        "ReplaceBinaryOperator_FloorDiv_Mul",
        "ReplaceBinaryOperator_Mod_Mul",
        "ReplaceBinaryOperator_Pow_Mul",
        "ReplaceBinaryOperator_BitAnd_BitOr",
        "ReplaceBinaryOperator_BitOr_BitAnd",
        "ReplaceComparisonOperator_Lt_LtE",
        "ReplaceComparisonOperator_LtE_Lt",
        "ReplaceComparisonOperator_Gt_GtE",
        "ReplaceComparisonOperator_GtE_Gt",
        "ReplaceComparisonOperator_Eq_NotEq",
        "ReplaceComparisonOperator_NotEq_Eq",
        "ReplaceComparisonOperator_Is_IsNot",
        "ReplaceComparisonOperator_IsNot_Is",
        "ReplaceUnaryOperator_Delete_USub",
        "ReplaceUnaryOperator_Delete_Invert",
        "ReplaceUnaryOperator_Delete_Not",
        "ReplaceTrueWithFalse",
        "ReplaceFalseWithTrue",
        "ReplaceAndWithOr",
        "ReplaceOrWithAnd",
        "AddNot",
        "NumberReplacer",
        "ReplaceBreakWithContinue",
        "ReplaceContinueWithBreak",
        "ZeroIterationForLoop",
    )
]


@dataclass(frozen=True)
class Mutant:
    """A module with one place changed.

    Attributes
    ----------
    module : str
        The dotted path below `maskloss`.
    name : str
        Function, operator and number of the place in the function, from 0: what `survivors.toml`
        lists. It stays when the function moves in its module, or its lines are written otherwise.
    change : str
        The line and the changed line.
    lines : range
        The lines of the function that is changed, or of the whole module.
    """

    module: str
    name: str
    change: str
    source: str
    lines: range


def path_of(module):
    """Return the file of a module, named by its dotted path below the package."""
    return PACKAGE.joinpath(*module.split(".")).with_suffix(".py")


def mutants_of(module):
    """Return the mutants of a module that are not the module spelled otherwise."""
    original = path_of(module).read_text(encoding="utf-8")
    known, found, numbers = {_meaning(original)}, [], Counter()
    for operator, source in _changed(original):
        line, change = _difference(original, source)
        path, lines = _place(original, line)
        place = f"{'.'.join([module, *path])} {operator}"
        number = numbers[place]
        numbers[place] += 1
        meaning = _meaning(source)
        if meaning is not None and meaning not in known:
            known.add(meaning)
            found.append(Mutant(module, f"{place} {number}", change, source, lines))
    return found


def _changed(original):
    """Yield the name of an operator and the source that it makes, for each place."""
    for operator in (make() for make in OPERATORS):
        nodes = ast_nodes(get_ast(original))
        for occurrence in range(sum(len(list(operator.mutation_positions(n))) for n in nodes)):
            yield type(operator).__name__, mutate_code(original, operator, occurrence)


def _meaning(source):
    """Return the program without its types and ways to pass arguments; None where it is none."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.arguments):
            node.args = [*node.posonlyargs, *node.args, *node.kwonlyargs]
            node.defaults += [default for default in node.kw_defaults if default is not None]
            node.posonlyargs, node.kwonlyargs, node.kw_defaults = [], [], []
        for types in {"annotation", "returns"} & {*node._fields}:
            setattr(node, types, None)
    return ast.dump(tree)


def _difference(original, source):
    """Return the number of the first line that differs, and how it does."""
    pairs = zip(original.splitlines(), source.splitlines(), strict=False)
    number, was, now = next((k, a, b) for k, (a, b) in enumerate(pairs, 1) if a != b)
    return number, f"{was.strip()} -> {now.strip()}"


def _place(source, number):
    """Return the names of the definitions around a line, and the lines of the inner function."""
    path, lines = [], range(1, source.count("\n") + 2)
    for node in ast.walk(ast.parse(source)):  # from the outer to the inner
        is_named = isinstance(node, ast.FunctionDef | ast.ClassDef)
        if is_named and node.lineno <= number <= node.end_lineno:
            path.append(node.name)
            if isinstance(node, ast.FunctionDef):
                lines = range(node.lineno, node.end_lineno + 1)
    return path, lines
