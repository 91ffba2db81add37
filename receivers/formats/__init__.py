"""One wire format a file: bytes to detections, no input or output."""
