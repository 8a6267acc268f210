"""The benchmark of the plugin libraries: inputs, measured children, cases and the report."""
