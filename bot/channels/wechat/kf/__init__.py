"""WeChat Customer Service (微信客服). Read ``channel`` first: a callback only says that there is something to fetch."""
