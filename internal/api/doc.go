// Package api is the face for programs.
//
// What lives here: the JSON and CSV that clients of petition.parliament.uk
// read unchanged, Atom feeds, the site map, and /api/v1 with its OpenAPI
// document.
//
// What never: HTML, forms, cookies, a rule of petitions, SQL, and anything
// that tells who signed: counts and places are the public ones of the store.
//
// Everything here is for everyone: any site may read it (CORS *).
package api
