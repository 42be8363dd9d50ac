"""What the page needs to know before it starts."""

from fastapi import APIRouter

from api.actor import ActorDep, requires
from api.dependencies import DiagnosticianDep, SettingsDep
from api.faults import faults
from api.schemas import ActorSettings, AppSettings, DiagnosisWord, Vocabulary
from warehouse.roles import Permission
from warehouse.vocabulary import (
    DIAGNOSIS_NAMES,
    MALIGNANT,
    Confirmation,
    Diagnosis,
    Localization,
    Sex,
)

router = APIRouter(tags=["page"])

VOCABULARY = Vocabulary(
    diagnoses=[
        DiagnosisWord(code=code, name=DIAGNOSIS_NAMES[code], is_malignant=code in MALIGNANT)
        for code in Diagnosis
    ],
    localizations=list(Localization),
    sexes=list(Sex),
    confirmations=list(Confirmation),
)


@router.get(
    "/app/settings",
    dependencies=[requires(Permission.read_facts)],
    responses=faults(401, 403, 429),
)
async def tell_settings(
    diagnostician: DiagnosticianDep, settings: SettingsDep, actor: ActorDep
) -> AppSettings:
    """Say which model answers under which notice, who asks, and the closed lists."""
    return AppSettings(
        model=diagnostician.model.model_id,
        notice_code=diagnostician.notice_code,
        notice=diagnostician.notice,
        max_upload_bytes=settings.max_upload_bytes,
        input_px=diagnostician.predictor.input_px,
        uses_context=diagnostician.predictor.uses_context,
        actor=ActorSettings(name=actor.name, role=actor.role),
        vocabulary=VOCABULARY,
    )
