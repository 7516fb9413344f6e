package router

// Get is a shortcut for Handle(http.MethodGet, path, handle)
func (r *Router) Get(path string, handle Handle) {
	r.Handle(http.MethodGet, path, handle)
}

// Patch is a shortcut for Handle(http.MethodPatch, path, handle)
func (r *Router) Patch(path string, handle Handle) {
	r.Handle(http.MethodPatch, path, handle)
}
