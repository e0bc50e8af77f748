// SelatAudit: filled by the first slice.
