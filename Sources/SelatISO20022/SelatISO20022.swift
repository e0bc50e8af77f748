// SelatISO20022: filled by the first slice.
