"""What monitoring decides, pure: facts, zicht op veiligheid, termijnen, escalaties. Start at `verloop`."""
