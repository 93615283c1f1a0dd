package web

import "net/http"

// processRoutes registers the pages of a petition's own process: how it is
// started, what its petitioner and supporters see, and the desk.
func (w *Web) processRoutes(mux *http.ServeMux) {
	w.each(mux, "GET", "/start", w.getStart)
	w.each(mux, "POST", "/start", w.postStart)
	w.each(mux, "GET", "/start/sent", w.getStartSent)

	w.each(mux, "GET", "/p/{token}", w.getSupporter)
	w.each(mux, "GET", "/p/{token}/sign", w.getSupporterSign)
	w.each(mux, "POST", "/p/{token}/sign", w.postSupporterSign)
	w.each(mux, "GET", "/p/{token}/sent", w.getSupporterSent)

	w.each(mux, "GET", "/mine/{token}", w.getMine)
	w.each(mux, "POST", "/mine/{token}/appeal", w.postMineAppeal)
	w.each(mux, "POST", "/mine/{token}/change", w.postMineChange)
	w.each(mux, "GET", "/mine/{token}/withdraw", w.getMineWithdraw)
	w.each(mux, "POST", "/mine/{token}/withdraw", w.postMineWithdraw)

	w.mineRoutes(mux)
	w.rulesRoutes(mux)

	w.each(mux, "GET", "/desk", w.getDesk)
	w.each(mux, "GET", "/desk/login/{token}", w.getDeskLogin)
	w.each(mux, "POST", "/desk/login/{token}", noFields(w.postDeskLogin))
	w.each(mux, "POST", "/desk/logout", noFields(w.postDeskLogout))
	w.each(mux, "GET", "/desk/petitions/{id}", w.getDeskCase)
	w.each(mux, "POST", "/desk/petitions/{id}", w.postDeskDecision)
	w.each(mux, "POST", "/desk/petitions/{id}/answer", w.postDeskAnswer)

	w.openRoutes(mux)
	w.setupRoutes(mux)
	w.bodiesRoutes(mux)
	w.localRoutes(mux)
	w.deskWorkRoutes(mux)
	if w.demo != nil {
		w.demoRoutes(mux)
	}
}
