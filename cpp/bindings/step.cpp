// A tick without arguments: the sample and the torques are shared with numpy, nothing is converted.

#include "bindings.hpp"
#include "handloop/claim.hpp"

namespace handloop::bindings {

namespace {

class ControllerBuffers {
 public:
  explicit ControllerBuffers(Controller& controller) : controller_(controller) {
    state.q = state.dq = JointVector::Zero(controller.model().joint_count);
    torque = state.q;
  }

  // Takes over a recorded sample as a whole.
  void load(const HandState& sample) {
    if (sample.q.size() != state.q.size() || sample.dq.size() != state.q.size()) {
      throw py::value_error("the sample has " + std::to_string(sample.q.size()) +
                            " joints, the hand " + std::to_string(state.q.size()));
    }
    state = sample;
  }

  void step() {
    const Claim claim(controller_, Claim::By::kCaller);
    torque = controller_.tick(state, state.time).torque;
    ++state.sequence;
  }

  const HandModel& model() const { return controller_.model(); }

  HandState state;
  JointVector torque;

 private:
  Controller& controller_;
};

// A numpy view on memory that `owner` keeps alive.
template <typename T>
py::array view(const py::object& owner, T* data, std::vector<py::ssize_t> shape,
               std::vector<py::ssize_t> strides) {
  return py::array(py::dtype::of<T>(), std::move(shape), std::move(strides), data, owner);
}

py::array joint_view(const py::object& owner, JointVector& v) {
  return view(owner, v.data(), {v.size()}, {sizeof(double)});
}

template <auto Member>
py::array contact_view(const py::object& self) {
  auto& buffers = self.cast<ControllerBuffers&>();
  auto& first = buffers.state.contact[0].*Member;
  constexpr py::ssize_t stride = sizeof(FingerContact);
  const py::ssize_t fingers = buffers.model().finger_count;
  if constexpr (std::is_same_v<std::decay_t<decltype(first)>, Vec3>) {
    return view(self, first.data(), {fingers, 3}, {stride, sizeof(double)});
  } else {
    return view(self, &first, {fingers}, {stride});
  }
}

}  // namespace

void bind_step(py::module_& m) {
  using B = ControllerBuffers;
  using C = FingerContact;
  py::class_<B>(m, "ControllerBuffers")
      .def("load", &B::load, py::arg("sample"))
      .def("step", &B::step)
      .def_property_readonly(
          "time",
          [](const py::object& self) { return view(self, &self.cast<B&>().state.time, {1}, {8}); })
      .def_property_readonly(
          "q", [](const py::object& self) { return joint_view(self, self.cast<B&>().state.q); })
      .def_property_readonly(
          "dq", [](const py::object& self) { return joint_view(self, self.cast<B&>().state.dq); })
      .def_property_readonly("torque",
                             [](const py::object& self) {
                               py::array torque = joint_view(self, self.cast<B&>().torque);
                               torque.attr("flags").attr("writeable") = false;
                               return torque;
                             })
      .def_property_readonly("touching", &contact_view<&C::touching>)
      .def_property_readonly("position", &contact_view<&C::position>)
      .def_property_readonly("normal", &contact_view<&C::normal>)
      .def_property_readonly("tangent", &contact_view<&C::tangent>)
      .def_property_readonly("force", &contact_view<&C::force>)
      .def_property_readonly("slip_speed", &contact_view<&C::slip_speed>);

  // A method of the Controller that is bound elsewhere.
  const py::object controller = m.attr("Controller");
  controller.attr("buffers") =
      py::cpp_function([](Controller& c) { return std::make_unique<B>(c); }, py::name("buffers"),
                       py::is_method(controller), py::keep_alive<0, 1>());
}

}  // namespace handloop::bindings
