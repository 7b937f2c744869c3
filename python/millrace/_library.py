"""libmillrace-model by ctypes: the structs and functions of include/millrace/*.h that the package uses.

ctypes lets go of the interpreter's lock during each call, so threads score side by side.
"""
import ctypes
import ctypes.util
import os
from ctypes import (POINTER, Structure, Union, byref, c_bool, c_char, c_char_p, c_double, c_int, c_int64, c_size_t,
                    c_uint8, c_uint32, c_void_p)

OK, NO_FIELD = 0, 0xFFFFFFFF
DOUBLE, FLOAT, INTEGER, BOOLEAN, STRING, LIST = range(6)
TYPE_NAMES = ("double", "float", "integer", "boolean", "string", "list")
MEASURE_NAMES = ("continuous", "categorical", "ordinal")
ROLE_NAMES = ("target", "probability", "output")
PRESENT, MISSING, INVALID = range(3)
GROUPS = 1


class Error(Structure):
    _fields_ = [("status", c_int), ("where", c_char * 128), ("message", c_char * 512)]


class Field(Structure):  # mr_field and mr_input alike
    _fields_ = [("name", c_char_p), ("type", c_int), ("measure", c_int)]


class Output(Structure):
    _fields_ = [("name", c_char_p), ("role", c_int), ("type", c_int)]


class Shape(Structure):
    _fields_ = [("inputs", POINTER(Field)), ("input_count", c_uint32), ("outputs", POINTER(Output)),
                ("output_count", c_uint32), ("arity", c_int), ("group_input", c_uint32), ("memory", c_size_t)]


class Column(Structure):
    _fields_ = [("type", c_int), ("data", c_void_p), ("stride", c_size_t), ("state", c_void_p),
                ("state_stride", c_size_t)]


class Frame(Structure):
    _fields_ = [("columns", POINTER(Column)), ("column_count", c_uint32), ("row_count", c_uint32)]


class RowResult(Structure):
    _fields_ = [("status", c_int), ("message", c_char_p)]


class Text(Structure):
    _fields_ = [("data", c_void_p), ("size", c_uint32), ("code", c_uint32)]

    def __str__(self):
        return ctypes.string_at(self.data, self.size).decode("utf-8", "replace") if self.size else ""


class List(Structure):
    _fields_ = [("items", c_void_p), ("count", c_uint32)]


class _Any(Union):
    _fields_ = [("number", c_double), ("integer", c_int64), ("boolean", c_bool), ("text", Text), ("list", List)]


class Value(Structure):
    _fields_ = [("type", c_int), ("missing", c_bool), ("value", _Any)]

    def get(self):
        if self.missing:
            return None
        return {DOUBLE: lambda: self.value.number, INTEGER: lambda: self.value.integer,
                BOOLEAN: lambda: self.value.boolean, STRING: lambda: str(self.value.text)}[self.type]()


_FUNCTIONS = {  # name: result, arguments
    "mr_model_load": (c_int, [c_void_p, c_size_t, c_char_p, c_char_p, c_void_p, POINTER(c_void_p), POINTER(Error)]),
    "mr_model_load_file": (c_int, [c_char_p, c_char_p, c_void_p, POINTER(c_void_p), POINTER(Error)]),
    "mr_model_release": (None, [c_void_p]),
    "mr_model_get_shape": (POINTER(Shape), [c_void_p]),
    "mr_schema_new": (c_int, [POINTER(Field), c_uint32, POINTER(c_void_p), POINTER(Error)]),
    "mr_schema_release": (None, [c_void_p]),
    "mr_schema_code": (c_uint32, [c_void_p, c_char_p, c_size_t]),
    "mr_schema_resolve": (c_uint32, [c_void_p, c_char_p, c_int, c_void_p, c_size_t, POINTER(c_int)]),
    "mr_model_bind": (c_int, [c_void_p, c_void_p, c_void_p, c_size_t, POINTER(c_void_p), POINTER(Error)]),
    "mr_binding_free": (None, [c_void_p]),
    "mr_binding_field": (c_uint32, [c_void_p, c_uint32, POINTER(c_int)]),
    "mr_binding_new_output": (c_int, [c_void_p, c_uint32, POINTER(POINTER(Frame)), POINTER(Error)]),
    "mr_frame_free": (None, [POINTER(Frame)]),
    "mr_scratch_new": (c_int, [c_size_t, POINTER(c_void_p), POINTER(Error)]),
    "mr_scratch_free": (None, [c_void_p]),
    "mr_score_all": (c_int, [c_void_p, POINTER(Frame), POINTER(Frame), POINTER(RowResult), c_void_p, POINTER(Error)]),
    "mr_status_meaning": (c_char_p, [c_int]),
}


def _load():
    tried = []
    for name in (os.environ.get("MILLRACE_LIBRARY"), "libmillrace-model.so.0", ctypes.util.find_library("millrace-model")):
        if not name:
            continue
        try:
            return ctypes.CDLL(name)
        except OSError as error:
            tried.append(str(error))
    raise ImportError("libmillrace-model is not installed; install Millrace, or name the file in MILLRACE_LIBRARY: "
                      + "; ".join(tried))


library = _load()
for _name, (_result, _arguments) in _FUNCTIONS.items():
    _function = getattr(library, _name)
    _function.restype, _function.argtypes = _result, _arguments


class MillraceError(Exception):
    """What the library says: `where` it is wrong, and what. `status` as in millrace/status.h."""

    def __init__(self, error: Error):
        self.status = error.status
        self.where = error.where.decode("utf-8", "replace")
        self.message = error.message.decode("utf-8", "replace")
        super().__init__(f"{self.where}: {self.message}" if self.where else self.message)


def check(function, *arguments):
    """Calls a function that ends in an mr_error; raises what it says."""
    error = Error()
    if getattr(library, function)(*arguments, byref(error)) != OK:
        raise MillraceError(error)
