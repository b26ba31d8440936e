"""Front ends: they translate and delegate, and decide nothing."""
