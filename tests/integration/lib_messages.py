"""The project's protobuf messages as Python classes, made by protoc from proto/ when this is imported."""
import importlib
import subprocess
import sys
import tempfile
from pathlib import Path

PROTO = Path(__file__).resolve().parents[2] / "proto"


def compile_messages() -> list:
    with tempfile.TemporaryDirectory() as folder:
        names = ["descriptor", "result", "wine"]
        files = [f"millrace/v1/{name}.proto" for name in names]
        subprocess.run(["protoc", f"--proto_path={PROTO}", f"--python_out={folder}", *files], check=True)
        sys.path.insert(0, folder)
        try:
            return [importlib.import_module(f"millrace.v1.{name}_pb2") for name in names]
        finally:
            sys.path.remove(folder)


descriptor_pb2, result_pb2, wine_pb2 = compile_messages()
ModelDescriptor = descriptor_pb2.ModelDescriptor
ScoringResult = result_pb2.ScoringResult
WineRecord = wine_pb2.WineRecord

# The tutorial's first numbering of model types; ModelDescriptor has its successor's.
TUTORIAL_PMML = 1


def descriptor(data: bytes, name: str, data_type: str = "wine", **fields) -> bytes:
    """A message of the models topic, in the successor's numbering unless modeltype says otherwise."""
    message = ModelDescriptor(name=name, dataType=data_type, data=data, modeltype=ModelDescriptor.PMML)
    for field, value in fields.items():
        setattr(message, field, value)
    return message.SerializeToString()


def name_of(output) -> str:
    """The name of an output of a result, in full."""
    return f"probability({output.category})" if output.WhichOneof("title") == "category" else output.name


def value_of(output) -> object:
    """The Python value of an output of a result; None: missing."""
    kind = output.WhichOneof("value")
    return None if kind in (None, "missing") else getattr(output, kind)
