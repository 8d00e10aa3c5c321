"""What a change concerns: told from what queries read, so that only that is looked at again."""
