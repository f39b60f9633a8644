// The Python module handloop._core.

#include "bindings.hpp"

PYBIND11_MODULE(_core, m) {
  m.doc() = "Native core of handloop.";

  m.attr("MUJOCO_HEADER_VERSION") = mjVERSION_HEADER;
  m.def("mujoco_version", &mj_version, "Version number of the MuJoCo library that is loaded.");
  handloop::bindings::bind_model(m);
  handloop::bindings::bind_controller(m);
  handloop::bindings::bind_latency(m);
  handloop::bindings::bind_sim(m);
  handloop::bindings::bind_step(m);
}
