// SelatJSON: filled by the first slice.
