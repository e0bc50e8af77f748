// SelatNode: filled by the first slice.
