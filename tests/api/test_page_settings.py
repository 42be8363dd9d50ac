from starlette.testclient import TestClient

from warehouse.vocabulary import Confirmation, Diagnosis, Localization, Sex, values

READ = {"401", "403", "422", "429", "503"}
WRITE = READ | {"400", "413"}  # a body that cannot be read, or is too large


def test_the_page_learns_its_model_its_limits_and_the_closed_lists(server: TestClient):
    told = server.get("/app/settings").json()
    assert told["model"] == server.get("/healthz").json()["model"]
    assert told["notice_code"] == ["synthetic", "not_a_medical_device"]
    assert told["max_upload_bytes"] == 2_000_000
    assert told["input_px"] > 0
    assert isinstance(told["uses_context"], bool)
    assert told["actor"] == {"name": None, "role": "admin"}
    words = told["vocabulary"]
    assert [word["code"] for word in words["diagnoses"]] == values(Diagnosis)
    malignant = {word["code"] for word in words["diagnoses"] if word["is_malignant"]}
    assert malignant == {"akiec", "bcc", "mel"}
    assert words["localizations"] == values(Localization)
    assert (words["sexes"], words["confirmations"]) == (values(Sex), values(Confirmation))


def test_the_manifest_has_the_type_that_a_phone_asks_for(server: TestClient):
    manifest = server.get("/manifest.webmanifest")
    assert manifest.headers["content-type"].startswith("application/manifest+json")
    assert manifest.json()["name"]


def test_the_page_may_show_pictures_of_its_own_and_run_nothing_written_into_it(server: TestClient):
    policy = server.get("/").headers["content-security-policy"]
    assert "img-src 'self' blob:" in policy
    assert "unsafe" not in policy


def test_every_route_documents_its_faults_as_one_sentence(server: TestClient):
    document = server.get("/openapi.json").json()
    paths, schemas = document["paths"], document["components"]["schemas"]
    expected = {
        ("/preview/", "post"): {"200"} | WRITE,
        ("/video_frame/", "post"): {"200", "409"} | WRITE,
        ("/captures/", "get"): {"200"} | READ,
        ("/captures/{capture_id}/image", "get"): {"200", "404"} | READ,
        ("/captures/{capture_id}", "delete"): {"204", "404"} | WRITE,
    }
    for (path, method), statuses in expected.items():
        assert set(paths[path][method]["responses"]) == statuses
    for path, methods in paths.items():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                if status >= "400":
                    schema = response["content"]["application/json"]["schema"]
                    fault = schemas[schema["$ref"].rpartition("/")[2]]  # /sql/ adds the place
                    assert fault["properties"]["detail"]["type"] == "string", (path, status)
                    assert fault["required"] == ["detail"], (path, status)
