"""Where each address leads."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path

from valence.web.pages import (
    customer,
    customers,
    handoffs,
    interactions,
    keys,
    losses,
    model,
    promises,
    search,
    settings,
    signin,
    today,
)


def _later(request: HttpRequest, **_: object) -> HttpResponse:
    raise Http404


urlpatterns: list[URLPattern | URLResolver] = [
    path("", today.today, name="today"),
    path("customers/", customers.customers, name="customers"),
    path("customers/export.csv", customers.export, name="customers_export"),
    path("customers/<int:key>/", customer.customer, name="customer"),
    path("losses/", losses.losses, name="losses"),
    path("losses/export.csv", losses.export, name="losses_export"),
    path("losses/<int:key>/", _later, name="loss"),
    path("handoffs/", handoffs.handoffs, name="handoffs"),
    path("promises/", promises.promises_page, name="promises"),
    path("interactions/", interactions.interactions, name="interactions"),
    path("data/", _later, name="data"),
    path("import/", _later, name="import"),
    path("model/", model.model_page, name="model"),
    path("model/retrain/", model.retrain, name="model_retrain"),
    path("model/use/", model.use, name="model_use"),
    path("search/", search.search, name="search"),
    path("settings/", settings.settings, name="settings"),
    path("settings/staff/new/", settings.new_person, name="person_new"),
    path("settings/staff/<int:pk>/", settings.person, name="person"),
    path("settings/keys/", keys.keys, name="keys"),
    path("settings/audit/", settings.audit, name="audit"),
    path("account/", signin.account, name="account"),
    path("account/theme/", signin.theme, name="theme"),
    path("signin/", signin.signin, name="signin"),
    path("signout/", signin.signout, name="signout"),
]
handler400 = "valence.web.pages.errors.bad_request"
handler403 = "valence.web.pages.errors.not_allowed"
handler404 = "valence.web.pages.errors.not_found"
handler500 = "valence.web.pages.errors.failed"
