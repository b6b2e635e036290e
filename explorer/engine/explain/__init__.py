"""Why a value is what it is: arithmetic, fields, attribution, maximisation, ablation."""
