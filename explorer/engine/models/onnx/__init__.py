"""ONNX models: read as data, computed by ONNX Runtime with the values that are looked at as outputs."""
