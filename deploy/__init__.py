"""What runs ToTheMoon2 on a machine: the two commands, service files, the sandbox. Never imported by the product."""
