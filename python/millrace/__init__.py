"""Score PMML models: arrays in, arrays out.

    import millrace
    model = millrace.Model("winequality.pmml")
    print(model.inputs, model.outputs)
    results = model.score({"alcohol": [9.4, 11.2], "color": ["red", None]})
    results["quality"], results["probability(5)"], results.errors

A column is anything that NumPy makes an array of. A number that is NaN, a masked value, and None are missing. Results are
arrays too: numbers with NaN where there is none, texts and lists as objects with None. A row whose values the model refuses
has nothing but its message in `results.errors`.

Models are shared by threads, and scoring holds no lock of the interpreter.
"""
import ctypes
import os
import threading
from collections import namedtuple
from ctypes import POINTER, byref, c_int, c_void_p, cast

import numpy

from . import _library as lib
from ._library import MillraceError

__all__ = ["Model", "Results", "Input", "Output", "MillraceError"]

Input = namedtuple("Input", "name type measure")
Output = namedtuple("Output", "name role type")

_TEXT = numpy.dtype([("data", numpy.uint64), ("size", numpy.uint32), ("code", numpy.uint32)])
_CELLS = {lib.DOUBLE: numpy.dtype(numpy.float64), lib.FLOAT: numpy.dtype(numpy.float32),
          lib.INTEGER: numpy.dtype(numpy.int64), lib.BOOLEAN: numpy.dtype(numpy.uint8)}


class Results(dict):
    """Output name -> array. `errors`: row -> why it has no result."""

    def __init__(self):
        super().__init__()
        self.errors = {}


class _Column:
    """A column as the library reads it. Keeps alive what it points to."""

    def __init__(self, name, values):
        self.name = name
        array = numpy.ma.asanyarray(values) if isinstance(values, numpy.ma.MaskedArray) else numpy.asarray(values)
        if array.ndim != 1:
            raise ValueError(f"column {name!r} has {array.ndim} dimensions, not one")
        missing = numpy.ma.getmaskarray(array) if isinstance(array, numpy.ma.MaskedArray) else None
        array = numpy.asarray(array)
        self.texts = None
        if array.dtype.kind == "f":
            self._take(array, lib.FLOAT if array.dtype.itemsize == 4 else lib.DOUBLE, missing, numpy.isnan(array))
        elif array.dtype.kind in "iu":
            self._take(array, lib.INTEGER, missing)
        elif array.dtype.kind == "b":
            self._take(array.astype(numpy.uint8), lib.BOOLEAN, missing)
        else:
            self._take_objects(array, missing)

    def _take(self, array, kind, *missing):
        self.type = kind
        wanted = _CELLS[kind]
        self.cells = array if array.dtype == wanted and array.strides[0] >= 0 else array.astype(wanted)
        self.states = numpy.zeros(len(array), numpy.uint8)
        for mask in missing:
            if mask is not None:
                self.states[mask] = lib.MISSING

    def _take_objects(self, array, missing, texts_only=False):
        """Texts; or numbers among which some are None."""
        none = numpy.array([value is None or value != value for value in array], bool)
        if missing is not None:
            none |= missing
        present = array[~none]
        if array.dtype.kind == "O" and not texts_only and not any(isinstance(value, (str, bytes)) for value in present):
            numbers = numpy.zeros(len(array), numpy.float64)
            numbers[~none] = present.astype(numpy.float64)
            self._take(numbers, lib.DOUBLE, none)
            return
        self.type = lib.STRING
        self.states = none.astype(numpy.uint8)
        texts = [value if isinstance(value, bytes) else str(value).encode() for value in present]
        self.texts, places = numpy.unique(numpy.array(texts, object), return_inverse=True)
        self.places = numpy.zeros(len(array), numpy.intp)
        self.places[~none] = places.reshape(-1)

    def code(self, schema):
        """Texts as views, each with its code in the schema's dictionary."""
        if self.texts is None:
            return
        known = numpy.zeros(max(len(self.texts), 1), _TEXT)
        self.kept = [ctypes.create_string_buffer(text, len(text) + 1) for text in self.texts]
        for i, text in enumerate(self.texts):
            known[i] = (ctypes.addressof(self.kept[i]), len(text), lib.library.mr_schema_code(schema, text, len(text)))
        self.cells = known[self.places]

    def struct(self):
        return lib.Column(self.type, self.cells.ctypes.data, self.cells.strides[0], self.states.ctypes.data, 1)


class _Binding:
    """A schema of some columns, and the model bound to it."""

    def __init__(self, model, fields):
        self.schema, self.handle = c_void_p(), c_void_p()
        array = (lib.Field * len(fields))(*(lib.Field(name.encode(), kind, int(kind == lib.STRING)) for name, kind in fields))
        lib.check("mr_schema_new", array, len(fields), byref(self.schema))
        lib.check("mr_model_bind", model, self.schema, None, 0, byref(self.handle))

    def __del__(self):
        if lib is not None and self.handle:
            lib.library.mr_binding_free(self.handle)
        if lib is not None and self.schema:
            lib.library.mr_schema_release(self.schema)


class Model:
    """A loaded model. `source`: a path, or the PMML itself as bytes. Raises MillraceError."""

    def __init__(self, source):
        self._handle = c_void_p()
        self._bindings, self._lock = {}, threading.Lock()
        if isinstance(source, (bytes, bytearray, memoryview)):
            data = bytes(source)
            lib.check("mr_model_load", data, len(data), None, b"model", None, byref(self._handle))
        else:
            lib.check("mr_model_load_file", os.fsencode(source), None, None, byref(self._handle))
        shape = lib.library.mr_model_get_shape(self._handle).contents
        self.inputs = [Input(i.name.decode(), lib.TYPE_NAMES[i.type], lib.MEASURE_NAMES[i.measure])
                       for i in shape.inputs[:shape.input_count]]
        self.outputs = [Output(o.name.decode(), lib.ROLE_NAMES[o.role], lib.TYPE_NAMES[o.type])
                        for o in shape.outputs[:shape.output_count]]
        self.memory = shape.memory
        self.group = self.inputs[shape.group_input].name if shape.arity == lib.GROUPS else None

    def __del__(self):
        if lib is not None and getattr(self, "_handle", None):
            lib.library.mr_model_release(self._handle)

    def __repr__(self):
        return f"<millrace.Model of {len(self.inputs)} inputs and {len(self.outputs)} outputs>"

    def score(self, columns):
        """Scores rows: a mapping of names to columns of one length, such as a dict or a pandas DataFrame. Columns that the
        model does not know are left alone; an input without a column is missing in every row. Of a model with a `group`
        the rows with one value of that input give one result."""
        made = [_Column(str(name), columns[name]) for name in columns]
        rows = {len(column.states) for column in made}
        if len(rows) != 1:
            raise ValueError("columns of different lengths: " + ", ".join(f"{c.name} {len(c.states)}" for c in made)
                             if made else "there are no columns")
        self._fit(made)
        binding = self._bind(tuple((column.name, column.type) for column in made))
        for column in made:
            column.code(binding.schema)
        return self._run(binding, made, rows.pop())

    def score_row(self, **values):
        """Scores one row; returns a dict of output names to values, None where there is none. Raises ValueError when the
        model refuses the row. Names that are no Python names: model.score_row(**{"malic acid": 1.7})."""
        if self.group is not None:
            raise ValueError("the model gives one result for many rows: use score()")
        unknown = [name for name in values if not self._knows(name)]
        if unknown:
            raise ValueError(f"the model has no input {unknown[0]!r}; its inputs are "
                             + ", ".join(each.name for each in self.inputs))
        results = self.score({name: [value] for name, value in values.items()})
        if results.errors:
            raise ValueError(results.errors[0])
        row = {name: array[0].item() if isinstance(array[0], numpy.generic) else array[0] for name, array in results.items()}
        return {name: None if value != value else value for name, value in row.items()}

    @staticmethod
    def _plain(name):
        return "".join(c for c in name.casefold() if c not in " _-\t")

    def _knows(self, name):
        return any(self._plain(each.name) == self._plain(name) for each in self.inputs)

    def _fit(self, columns):
        """Numbers that feed a text become the text that is written for them: categories are often numbers."""
        texts = {self._plain(each.name) for each in self.inputs if each.type == "string"}
        for column in columns:
            if column.texts is not None or self._plain(column.name) not in texts:
                continue
            values = numpy.array([repr(v.item()) if column.type != lib.BOOLEAN else str(bool(v)).lower()
                                  for v in column.cells], object)
            values[column.states != lib.PRESENT] = None
            column._take_objects(values, None, texts_only=True)  # pylint: disable=protected-access

    def _bind(self, fields):
        with self._lock:
            if fields not in self._bindings:
                if len(self._bindings) >= 16:  # callers that name other columns each time
                    self._bindings.clear()
                self._bindings[fields] = _Binding(self._handle, fields)
            return self._bindings[fields]

    def _run(self, binding, columns, rows):
        structs = (lib.Column * len(columns))(*(column.struct() for column in columns))
        frame = lib.Frame(structs, len(columns), rows)
        outcomes = (lib.RowResult * max(rows, 1))()
        out, scratch = POINTER(lib.Frame)(), c_void_p()
        try:
            lib.check("mr_binding_new_output", binding.handle, rows, byref(out))
            lib.check("mr_scratch_new", 65536, byref(scratch))
            out.contents.row_count = rows
            lib.check("mr_score_all", binding.handle, byref(frame), out, outcomes, scratch)
            return self._read(out.contents, outcomes)
        finally:
            lib.library.mr_frame_free(out)
            lib.library.mr_scratch_free(scratch)

    def _read(self, frame, outcomes):
        rows, results = frame.row_count, Results()
        codes = numpy.frombuffer(outcomes, numpy.dtype([("status", numpy.int32), ("", "V4"), ("message", numpy.uint64)]))[:rows]
        failed = codes["status"] != lib.OK
        for row in numpy.flatnonzero(failed):
            message = outcomes[int(row)].message or lib.library.mr_status_meaning(outcomes[int(row)].status)
            results.errors[int(row)] = message.decode("utf-8", "replace")
        for i, output in enumerate(self.outputs):
            column = frame.columns[i]
            missing = _strided(column.state, column.state_stride, rows, numpy.dtype(numpy.uint8)) != lib.PRESENT
            results[output.name] = _read_column(column, rows, missing | failed)
        return results


def _strided(address, stride, rows, dtype):
    """A view of the library's memory, only to be copied from."""
    if rows == 0:
        return numpy.zeros(0, dtype)
    buffer = (ctypes.c_char * ((rows - 1) * stride + dtype.itemsize)).from_address(address)
    return numpy.ndarray((rows,), dtype, buffer, strides=(stride,))


def _read_column(column, rows, missing):
    if column.type in _CELLS:
        values = _strided(column.data, column.stride, rows, _CELLS[column.type]).copy()
        if column.type == lib.BOOLEAN:
            values = values.astype(bool)
        if not missing.any():
            return values
        if column.type == lib.BOOLEAN:
            values = values.astype(object)
            values[missing] = None
            return values
        values = values.astype(numpy.float64)
        values[missing] = numpy.nan
        return values
    values = numpy.full(rows, None, object)
    if column.type == lib.STRING:
        views = _strided(column.data, column.stride, rows, _TEXT)
        known = {}
        for row in numpy.flatnonzero(~missing):
            data, size = int(views["data"][row]), int(views["size"][row])
            if (data, size) not in known:
                known[data, size] = ctypes.string_at(data, size).decode("utf-8", "replace") if size else ""
            values[row] = known[data, size]
        return values
    for row in numpy.flatnonzero(~missing):
        found = lib.List.from_address(column.data + int(row) * column.stride)
        items = cast(found.items, POINTER(lib.Value))
        values[row] = [items[i].get() for i in range(found.count)]
    return values
