// SelatLedger: filled by the first slice.
