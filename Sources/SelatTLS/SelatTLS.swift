// SelatTLS: filled by the first slice.
