// SelatProxyDirectory: filled by the first slice.
