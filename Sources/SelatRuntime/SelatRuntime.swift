// SelatRuntime: filled by the first slice.
