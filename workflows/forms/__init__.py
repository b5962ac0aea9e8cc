"""One form a step: its fields are the verb's arguments, its choices what makes sense for the occurrence, its words those of
the person who fills it in. `take` takes the step; what the verb refuses comes back beside the field that it concerns."""

from workflows.forms.base import StepForm
from workflows.forms.decisions import CloseForm, EnterFromRecordForm, ReopenForm, SupersedeForm, WaiveForm
from workflows.forms.parts import (
    AddContributorsForm,
    AskNewDateForm,
    FinishPartForm,
    GrantNewDateForm,
    RefuseNewDateForm,
    ReleaseContributorForm,
)
from workflows.forms.path import (
    AcceptForm,
    AssignForm,
    DeclineForm,
    EndorseForm,
    ReassignForm,
    SendBackForm,
    SubmitForm,
    UnassignForm,
    ValidateForm,
    WithdrawForm,
)
from workflows.forms.upkeep import ChangeDueDateForm, CorrectForm, HoldForm, RecordActivityForm, ResumeForm

FORMS: dict[str, type[StepForm]] = {
    form.step: form
    for form in (
        AssignForm,
        UnassignForm,
        AcceptForm,
        DeclineForm,
        RecordActivityForm,
        SubmitForm,
        WithdrawForm,
        SendBackForm,
        EndorseForm,
        CloseForm,
        WaiveForm,
        SupersedeForm,
        ReopenForm,
        EnterFromRecordForm,
        HoldForm,
        ResumeForm,
        ChangeDueDateForm,
        CorrectForm,
        ReassignForm,
        AddContributorsForm,
        ReleaseContributorForm,
        FinishPartForm,
        AskNewDateForm,
        GrantNewDateForm,
        RefuseNewDateForm,
        ValidateForm,
    )
}

__all__ = ["FORMS", "AssignForm", "StepForm"]
