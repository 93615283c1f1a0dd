// Package web is the site as people see it: pages that work without JavaScript,
// in Kazakh, Russian and English, and the forms on them.
//
// What lives here: routes of pages, templates, static files, what a page shows
// and in which words.
//
// What never: SQL, a rule of the law, the JSON of the API, a clock, a list of
// who signed; a count, a place or anything random on a page that follows a
// form with an address.
package web

//go:generate go test -run TestAssetsArePacked -count 1 -pack
