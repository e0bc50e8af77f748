// SelatXML: filled by the first slice.
