// SelatSimulator: filled by the first slice.
