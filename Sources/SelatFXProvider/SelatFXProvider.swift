// SelatFXProvider: filled by the first slice.
