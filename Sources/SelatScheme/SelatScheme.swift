// SelatScheme: filled by the first slice.
