# SPDX-License-Identifier: GPL-2.0-only
"""Small faults, made by rule: each is one line of C that says something else."""

import re

COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)

# What stands between spaces, as the kernel's style has it.
SWAPS = {
    "<": ("<=",), "<=": ("<",), ">": (">=",), ">=": (">",), "==": ("!=",), "!=": ("==",),
    "&&": ("||",), "||": ("&&",), "+": ("-",), "-": ("+",), "<<": (">>",), ">>": ("<<",),
    "&": ("|",), "+=": ("-=",), "-=": ("+=",), "|=": ("=",), "&=": ("=",),
}
SWAP = re.compile(r"(?<= )(%s)(?= )" % "|".join(sorted(map(re.escape, SWAPS), key=len, reverse=True)))
CONDITION = re.compile(r"^(\t+(?:\} else )?(?:if|while) )\((.*)\)( \{|;)?$")
NUMBER = re.compile(r"(?<![\w.\"])(\d+)(?=[;,)\] }]|$)")
WORD = re.compile(r"\b(true|false)\b")
NOT = re.compile(r"(?<=[ (])!(?=[\w(])")
FLAG = re.compile(r" \| \w+(?:\([^()]*\))?")
# A call, or what is written to something that was declared before.
STATEMENT = re.compile(r"^\t+(?!return\b|break\b|continue\b|goto\b|case\b|default\b|else\b)"
                       r"(?:\+\+|--)?[a-z_*(][\w.>\[\]\-+*()]*(?:\(.*\)|(?: [-+|&^]?= .*)|\+\+|--);$")


def hide(text):
    """The same text, with blanks for comments, strings and characters."""
    return COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def of_line(line):
    """What a line of code may become, and by which rule. Comments are blank in it."""
    for found in SWAP.finditer(line):
        for other in SWAPS[found.group()]:
            yield f"{found.group()} for {other}", found.start(), found.end(), other
    condition = CONDITION.match(line)
    if condition:
        yield "a condition turned", condition.start(2), condition.end(2), f"!({condition.group(2)})"
    for found in NUMBER.finditer(line):
        yield "a number by one", found.start(), found.end(), str(int(found.group()) + 1)
    for found in WORD.finditer(line):
        yield "true for false", found.start(), found.end(), {"true": "false", "false": "true"}[found.group()]
    for found in NOT.finditer(line):
        yield "a ! dropped", found.start(), found.end(), ""
    for found in FLAG.finditer(line):
        yield "a flag dropped", found.start(), found.end(), ""
    if STATEMENT.match(line):
        yield "a statement dropped", len(line) - len(line.lstrip()), len(line), ";"


def mutants(text):
    """All of a file: rule, number of the line, the line as it is, the line as it becomes."""
    lines, hidden = text.split("\n"), hide(text).split("\n")
    for number, (line, code) in enumerate(zip(lines, hidden)):
        if not code.startswith("\t") or code.rstrip() != code and code.strip() == "":
            continue
        # Where a comment follows, the code ends before it.
        for rule, start, end, other in of_line(code.rstrip()):
            yield rule, number, line, line[:start] + other + line[end:]
