"""Where each address leads."""

from django.urls import URLPattern, URLResolver, path

from valence.api import health, routes
from valence.web.pages import (
    customer,
    customers,
    data,
    handoffs,
    imports,
    interaction,
    interactions,
    keys,
    loss,
    losses,
    model,
    pack,
    promises,
    search,
    settings,
    signin,
    started,
    survey,
    today,
    words_to_map,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", today.today, name="today"),
    path("api/v1/", routes.api.urls),
    path("healthz", health.healthz, name="healthz"),
    path("customers/", customers.customers, name="customers"),
    path("customers/export.csv", customers.export, name="customers_export"),
    path("customers/<int:key>/", customer.customer, name="customer"),
    path("customers/<int:key>/interaction/", interaction.interaction, name="interaction"),
    path("losses/", losses.losses, name="losses"),
    path("losses/export.csv", losses.export, name="losses_export"),
    path("losses/<int:key>/", loss.loss, name="loss"),
    path("handoffs/", handoffs.handoffs, name="handoffs"),
    path("promises/", promises.promises_page, name="promises"),
    path("interactions/", interactions.interactions, name="interactions"),
    path("data/", data.data, name="data"),
    path("data/refused/<int:number>/", data.refused, name="refused"),
    path("data/refused/<int:number>/refused.csv", data.refused_file, name="refused_file"),
    path("data/jobs/<int:number>/stop/", data.stop, name="job_stop"),
    path("data/words/", words_to_map.words_to_map, name="words"),
    path("data/words/mean/", words_to_map.mean, name="words_mean"),
    path("import/", imports.upload, name="import"),
    path("import/<str:token>/", imports.columns, name="import_map"),
    path("model/", model.model_page, name="model"),
    path("model/retrain/", model.retrain, name="model_retrain"),
    path("model/pack/", pack.pack, name="pack"),
    path("model/use/", model.use, name="model_use"),
    path("search/", search.search, name="search"),
    path("settings/", settings.settings, name="settings"),
    path("settings/staff/new/", settings.new_person, name="person_new"),
    path("settings/staff/<int:pk>/", settings.person, name="person"),
    path("settings/keys/", keys.keys, name="keys"),
    path("settings/audit/", settings.audit, name="audit"),
    path("settings/organisation/", started.organisation_page, name="organisation"),
    path("started/", started.getting_started, name="started"),
    path("account/", signin.account, name="account"),
    path("account/theme/", signin.theme, name="theme"),
    path("s/<str:token>/", survey.survey, name="survey"),
    path("s/<str:token>/decline/", survey.decline, name="survey_decline"),
    path("s/<str:token>/privacy/", survey.privacy, name="survey_privacy"),
    path("signin/", signin.signin, name="signin"),
    path("signout/", signin.signout, name="signout"),
]
handler400 = "valence.web.pages.errors.bad_request"
handler403 = "valence.web.pages.errors.not_allowed"
handler404 = "valence.web.pages.errors.not_found"
handler500 = "valence.web.pages.errors.failed"
