"""The mutants of a module: its source, each with one operator, number or condition changed."""

import ast
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
    name : str
        Function, line and changed line: what `survivors.toml` lists, wherever the line moves.
    lines : range
        The lines of the function that is changed, or of the whole module.
    """

    module: str
    name: str
    source: str
    lines: range


def mutants_of(module):
    """Return the mutants of a module that are not the module spelled otherwise."""
    original = (PACKAGE / f"{module}.py").read_text(encoding="utf-8")
    known, found = {_meaning(original)}, []
    for source in _changed(original):
        meaning = _meaning(source)
        if meaning is not None and meaning not in known:
            known.add(meaning)
            found.append(_mutant(module, original, source))
    return found


def _changed(original):
    for operator in (make() for make in OPERATORS):
        nodes = ast_nodes(get_ast(original))
        for occurrence in range(sum(len(list(operator.mutation_positions(n))) for n in nodes)):
            yield mutate_code(original, operator, occurrence)


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


def _mutant(module, original, source):
    pairs = zip(original.splitlines(), source.splitlines(), strict=False)
    number, was, now = next((k, a, b) for k, (a, b) in enumerate(pairs, 1) if a != b)
    path, lines = _place(original, number)
    name = f"{'.'.join([module, *path])}: {was.strip()} -> {now.strip()}"
    return Mutant(module, name, source, lines)


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
