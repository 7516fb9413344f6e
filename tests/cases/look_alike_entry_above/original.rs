/// Why a recipe cannot be cooked.
pub enum Refusal {
    /// Two steps need the oven at the same time.
    ///
    /// # Example
    ///
    /// ```
    /// let kitchen = Kitchen::new()
    ///     .with(Oven::new("large")
    ///         .racks(2))
    ///     .with(Oven::new("small")
    ///         .racks(1));
    /// assert!(kitchen.cook(&lasagne()).is_err());
    /// ```
    OvenTaken,

    /// A pan is missing.
    NoPan,
}
