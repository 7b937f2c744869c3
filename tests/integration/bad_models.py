"""Model files that are broken, hostile or just very large, made on the spot.

    python3 tests/integration/bad_models.py FOLDER     writes all of them, to look at

Each entry of MODELS names what a loader owes it: an error (a pattern of it), the result for the input
x = 1000.5, or either of them. The very large ones are within the limits, so they load.
"""

import pathlib
import random
import re
import sys
from dataclasses import dataclass
from typing import Callable, Optional

INPUT = "x\n1000.5\n"
BYTES = 10**8  # of the large ones
DEPTH = 512  # mr_model_limits.depth, by default


@dataclass
class Model:
    write: Callable  # of an open binary file
    refused: Optional[str] = None  # pattern that the error matches; None: it must load
    result: Optional[str] = None  # the target's cell; None: it must be refused
    line: bool = True  # the error names a line


MODELS = {}


def model(**fields):
    """Enters a function that returns the text, or writes to the file that it is given, into MODELS."""
    def enter(function):
        def write(file):
            text = function(file) if function.__code__.co_argcount else function()
            if text is not None:
                file.write(text if isinstance(text, bytes) else text.encode())
        MODELS[function.__name__] = Model(write, **fields)
        return function
    return enter


# --- Pieces of documents ------------------------------------------------------------------------------

HEAD = ('<?xml version="1.0" encoding="UTF-8"?>\n<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">\n'
        "<Header/>\n<DataDictionary>\n"
        '<DataField name="x" optype="continuous" dataType="double"/>\n'
        '<DataField name="y" optype="continuous" dataType="double"/>\n</DataDictionary>\n')
SCHEMA = '<MiningSchema><MiningField name="y" usageType="target"/><MiningField name="x"/></MiningSchema>\n'
TAIL = "\n</PMML>\n"


def tree(nodes, schema=SCHEMA):
    return f'{HEAD}<TreeModel functionName="regression">\n{schema}{nodes}</TreeModel>{TAIL}'


def regression(rest, predictor="x"):
    return (f'{HEAD}<RegressionModel functionName="regression">\n{SCHEMA}{rest}<RegressionTable intercept="1">'
            f'<NumericPredictor name="{predictor}" coefficient="2"/></RegressionTable>\n</RegressionModel>{TAIL}')


LEAF = '<Node score="7"><True/></Node>\n'
GOOD = regression("")


def padded(file, head, chunk, tail):
    """head, as many chunks as make BYTES, tail."""
    file.write(head.encode())
    block = chunk.encode() * max(1, (1 << 20) // len(chunk))
    for _ in range((BYTES - len(head) - len(tail)) // len(block)):
        file.write(block)
    file.write(tail.encode())


# --- Not a model ---------------------------------------------------------------------------------------

@model(refused="empty|no element|not XML|XML", line=False)
def empty():
    return b""


@model(refused="XML|format", line=False)
def not_xml():
    return "alcohol,malic_acid\n13.2,1.78\n"


@model(refused="XML|format", line=False)
def random_bytes():
    return random.Random(1).randbytes(100_000)


@model(refused="PMML")
def not_pmml():
    return "<html>\n<body>Not found</body>\n</html>\n"


@model(refused="XML|no element|unclosed|well-formed|ends")
def truncated():
    return GOOD[:len(GOOD) * 3 // 4]


@model(refused="mismatched|XML|well-formed|close")
def mismatched():
    return GOOD.replace("</RegressionTable>", "</RegressionTabel>")


@model(refused="XML|UTF|token|encoding|well-formed")
def not_utf8():
    return GOOD.replace('"x"', '"\xff"').encode("latin-1")


@model(refused="model")
def no_model():
    return HEAD + TAIL


# --- A model that contradicts itself -----------------------------------------------------------------------

@model(refused="cycl|itself|depends")
def cyclic_derived_fields():
    fields = "".join(f'<DerivedField name="{name}" optype="continuous" dataType="double">'
                     f'<FieldRef field="{other}"/></DerivedField>\n' for name, other in ("ab", "bc", "ca"))
    return regression(f"<LocalTransformations>\n{fields}</LocalTransformations>\n", "a")


@model(refused="cycl|itself|depends")
def derived_from_itself():
    return regression('<LocalTransformations>\n<DerivedField name="a" optype="continuous" dataType="double">'
                      '<FieldRef field="a"/></DerivedField>\n</LocalTransformations>\n', "a")


@model(refused="nowhere")
def no_such_field_in_a_tree():
    return tree('<Node score="1"><True/>\n<Node score="2">'
                '<SimplePredicate field="nowhere" operator="lessOrEqual" value="1"/></Node>\n</Node>\n')


@model(refused="nowhere")
def no_such_field_in_a_regression():
    return regression("", "nowhere")


@model(refused="nowhere")
def no_such_field_in_the_mining_schema():
    return GOOD.replace('<MiningField name="x"/>', '<MiningField name="x"/><MiningField name="nowhere"/>')


@model(refused="nowhere")
def no_such_field_in_an_expression():
    return regression('<LocalTransformations>\n<DerivedField name="a" optype="continuous" dataType="double">'
                      '<FieldRef field="nowhere"/></DerivedField>\n</LocalTransformations>\n', "a")


@model(refused="ten|number")
def not_a_number():
    return GOOD.replace('coefficient="2"', 'coefficient="ten"')


@model(refused="operator|almostEqual")
def no_such_operator():
    return tree('<Node score="1"><True/>\n<Node score="2">'
                '<SimplePredicate field="x" operator="almostEqual" value="1"/></Node>\n</Node>\n')


@model(refused="Surprise")
def no_such_element():
    return GOOD.replace("<RegressionTable", "<Surprise/><RegressionTable")


# --- Attacks ------------------------------------------------------------------------------------------------

@model(refused="DOCTYPE|document type|entit|amplification")
def entity_bomb():
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">\n' for i in range(1, 12))
    return (f'<?xml version="1.0"?>\n<!DOCTYPE PMML [\n<!ENTITY e0 "ha">\n{entities}]>\n'
            + GOOD.split("?>\n", 1)[1].replace("<Header/>", "<Header>&e11;</Header>"))


@model(refused="DOCTYPE|document type|entit")
def external_entity():
    return ('<?xml version="1.0"?>\n<!DOCTYPE PMML [\n<!ENTITY secret SYSTEM "file:///etc/passwd">\n]>\n'
            + GOOD.split("?>\n", 1)[1].replace("<Header/>", "<Header>&secret;</Header>"))


def nested(levels):
    return tree('<Node score="7"><True/>\n' * levels + "</Node>" * levels + "\n")


@model(result="7")
def hundred_levels():
    return nested(100)


@model(refused=f"{DEPTH}|deep|depth|nest")
def a_level_too_many():
    return nested(DEPTH)


@model(refused=f"{DEPTH}|deep|depth|nest")
def million_levels(file):
    padded(file, HEAD, "<Node>\n", "")


@model(refused=f"{DEPTH}|deep|depth|nest|not supported")
def predicates_of_many_levels():
    inside = '<SimplePredicate field="x" operator="lessOrEqual" value="1"/>'
    return tree('<Node score="1"><True/>\n<Node score="2">'
                + '<CompoundPredicate booleanOperator="or">\n<False/>' * 600 + inside + "</CompoundPredicate>" * 600
                + "</Node>\n</Node>\n")


@model(refused=f"{DEPTH}|deep|depth|nest")
def million_levels_within_an_extension(file):
    padded(file, HEAD.replace("<Header/>", "<Header><Extension>"), "<a>\n", "")


@model(refused="long|large|limit|bytes", result="7")
def comment_of_100_megabytes(file):
    padded(file, HEAD + "<!--", "long ", f'-->\n<TreeModel functionName="regression">\n{SCHEMA}{LEAF}</TreeModel>'
           + TAIL)


@model(refused="attribute|long|large|limit|bytes")
def attribute_of_100_megabytes(file):
    padded(file, HEAD + '<TreeModel functionName="regression" modelName="', "long", f'">\n{SCHEMA}{LEAF}</TreeModel>'
           + TAIL)


@model(refused="attribute|limit")
def million_attributes():
    attributes = " ".join(f'a{i}="{i}"' for i in range(1_000_000))
    return GOOD.replace("<RegressionTable ", f"<RegressionTable {attributes} ")


@model(refused="field|limit")
def million_fields():
    fields = "".join(f'<DataField name="f{i}" optype="continuous" dataType="double"/>\n' for i in range(1_000_000))
    schema = "".join(f'<MiningField name="f{i}"/>\n' for i in range(1_000_000))
    return GOOD.replace("</DataDictionary>", fields + "</DataDictionary>").replace("</MiningSchema>",
                                                                                   schema + "</MiningSchema>")


@model(refused="memory|classes|limit", result="c0", line=False)
def leaves_times_classes():
    """A table of the probabilities of all classes at all leaves would take 7 GB."""
    nodes = "".join(f'<Node score="c{i}"><SimplePredicate field="x" operator="greaterThan" value="{i}"/>'
                    f'<ScoreDistribution value="c{i}" recordCount="1"/></Node>\n' for i in range(30_000))
    document = tree(f"<Node><True/>\n{nodes}</Node>\n").replace('"regression"', '"classification"')
    return document.replace('name="y" optype="continuous" dataType="double"',
                            'name="y" optype="categorical" dataType="string"')


# --- Very large, and right ------------------------------------------------------------------------------------

@model(result="1000")
def million_nodes(file):
    """A balanced tree of 2^20 - 1 nodes over x in [0, 2^19): the leaf of x says x rounded down."""
    file.write(tree("\f").split("\f", maxsplit=1)[0].encode())

    def grow(low, high, predicate):
        if high - low == 1:
            file.write(f'<Node score="{low}">{predicate}</Node>\n'.encode())
            return
        middle = (low + high) // 2
        file.write(f"<Node>{predicate}\n".encode())
        grow(low, middle, f'<SimplePredicate field="x" operator="lessThan" value="{middle}"/>')
        grow(middle, high, f'<SimplePredicate field="x" operator="greaterOrEqual" value="{middle}"/>')
        file.write(b"</Node>\n")

    grow(0, 1 << 19, "<True/>")
    file.write(tree("\f").split("\f")[1].encode())


@model(result="7")
def hundred_megabytes_of_comments(file):
    padded(file, HEAD, f"<!-- {'x' * 90} -->\n", f'<TreeModel functionName="regression">\n{SCHEMA}{LEAF}</TreeModel>'
           + TAIL)


@model(result="7")
def hundred_megabytes_of_extensions(file):
    padded(file, HEAD.replace("<Header/>\n", "<Header>\n").split("<DataDictionary>")[0],
           '<Extension name="a" value="b"/>\n',
           "</Header>\n<DataDictionary>\n" + HEAD.split("<DataDictionary>\n")[1]
           + f'<TreeModel functionName="regression">\n{SCHEMA}{LEAF}</TreeModel>' + TAIL)


@model(result="7")
def hundred_megabytes_of_siblings(file):
    padded(file, HEAD + f'<TreeModel functionName="regression">\n{SCHEMA}<Node score="1"><True/>\n',
           '<Node score="2"><SimplePredicate field="x" operator="lessThan" value="1"/></Node>\n',
           f"{LEAF}</Node></TreeModel>" + TAIL)


@model(result="50000")
def many_segments():
    """A sum of 50,000 trees that each say 1."""
    segment = (f'<Segment><True/>\n<TreeModel functionName="regression">{SCHEMA}'
               '<Node score="1"><True/></Node></TreeModel></Segment>\n')
    return (f'{HEAD}<MiningModel functionName="regression">\n{SCHEMA}<Segmentation multipleModelMethod="sum">\n'
            + segment * 50_000 + f"</Segmentation></MiningModel>{TAIL}")


@model(result="2002")
def many_categories():
    values = "".join(f'<Value value="c{i}"/>\n' for i in range(300_000))
    return GOOD.replace("</DataDictionary>", '<DataField name="z" optype="categorical" dataType="string">\n' + values
                        + "</DataField>\n</DataDictionary>").replace("</MiningSchema>",
                                                                     '<MiningField name="z"/></MiningSchema>')


def error_matches(name, error):
    """Whether an error says what is wrong with the model `name`, and where."""
    entry = MODELS[name]
    place = re.search(rf"{name}\.pmml:\d+" if entry.line else rf"{name}\.pmml", error)
    return place is not None and re.search(entry.refused, error, re.IGNORECASE) is not None


def main(folder):
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    for name, entry in MODELS.items():
        with open(pathlib.Path(folder) / f"{name}.pmml", "wb") as file:
            entry.write(file)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
