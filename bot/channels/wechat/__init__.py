"""WeChat: pushes come in signed and encrypted, answers go out in the response or through the platform's API."""
