extension FIToFICustomerCreditTransfer {
    /// The profile's rules that need no database, in rulebook order.
    public func violations() -> [Rejection] { [] }
}
