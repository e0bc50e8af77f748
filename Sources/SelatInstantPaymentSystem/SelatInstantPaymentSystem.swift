// SelatInstantPaymentSystem: filled by the first slice.
