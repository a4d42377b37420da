"""How the hub calls out: requests that wait for their destination, the network guard, webhooks, mail, OAuth2."""
