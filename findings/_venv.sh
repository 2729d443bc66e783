# usage, from a script in this folder: . "$(dirname "$0")/_venv.sh" PACKAGE==VERSION...
# Makes a temporary folder with a virtual environment, installs the packages (the first by itself: PyTorch is large), changes
# into the folder and puts the environment first on the path. FINDINGS_VENV=FOLDER keeps the environment there, to be used by the next script.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
environment=${FINDINGS_VENV:-$folder/venv}
[ -d "$environment" ] || python3 -m venv "$environment"
PATH="$environment/bin:$environment/Scripts:$PATH"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_QUIET=1 TOKENIZERS_PARALLELISM=false HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1
python -m pip install "$1"
[ $# -eq 1 ] || python -m pip install "$@"
cd "$folder"
python --version
printf '%s\n' "$@"
