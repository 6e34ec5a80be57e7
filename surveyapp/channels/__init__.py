"""How answers arrive: thin adapters that all call `submissions.receive`."""
