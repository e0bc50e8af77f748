// SelatStorage: filled by the first slice.
