"""How lessons and runs look: from a trace to pictures and pages."""
