package web

import "net/http"

// openRoutes registers the pages on which the site accounts for itself, and
// the desk behind them.
func (w *Web) openRoutes(mux *http.ServeMux) {
	w.each(mux, "GET", "/complain", w.getComplain)
	w.each(mux, "POST", "/complain", w.postComplain)
	w.each(mux, "GET", "/complain/received", w.getComplaintReceived)
	w.each(mux, "GET", "/demands", w.getDemands)
	w.each(mux, "GET", "/removals", w.getRemovals)
	w.each(mux, "GET", "/moderation", w.getModeration)

	w.each(mux, "GET", "/desk/complaints", w.getDeskComplaints)
	w.each(mux, "GET", "/desk/complaints/{id}", w.getDeskComplaint)
	w.each(mux, "POST", "/desk/complaints/{id}", w.postDeskComplaint)
	w.each(mux, "GET", "/desk/demands", w.getDeskDemands)
	w.each(mux, "POST", "/desk/demands", w.postDeskDemand)
}
