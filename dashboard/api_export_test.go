package dashboard

// OpenAPI is the document that is served.
var OpenAPI = openAPI

// APIKeys are the query keys of each address of the API.
func APIKeys() map[string][]string {
	all := map[string][]string{"/metrics": nil}
	for _, route := range apiTable {
		all[route.path] = route.keys
	}
	return all
}
