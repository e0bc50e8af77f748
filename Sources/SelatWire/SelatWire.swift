// SelatWire: filled by the first slice.
