// SelatHub: filled by the first slice.
