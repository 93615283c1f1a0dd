// Package httpd is the way in: the listener, what every request must pass
// before a route sees it, and what every answer carries.
//
// What lives here: timeouts and limits, security headers, the cross-origin
// check, the client's address behind proxies, rates, compression and cached
// answers, assets, the staff cookie, logs and metrics without personal data,
// and the ONE table error -> status and message.
//
// What never: a route, a template, a JSON shape of the API, a rule of
// petitions, a session store, SQL.
//
// A request passes, in this order: health, in-flight cap, headers, path and
// query check, cross-origin check, body limit, routes. See Server.Wrap.
package httpd
