"""How we behave towards sites: pace, pauses, robots.txt, redirects, secrets."""
