// The controller, its configuration and what passes through a tick.

#include "handloop/controller.hpp"

#include "bindings.hpp"
#include "checks.hpp"
#include "claimed.hpp"

namespace handloop::bindings {

namespace {

void bind_stream(py::module_& m) {
  py::class_<PostureStream, std::shared_ptr<PostureStream>>(m, "PostureStream")
      .def(py::init<int>(), py::arg("joint_count"))
      .def(
          "set",  // the interpreter's lock is what makes it one thread at a time
          [](PostureStream& stream, const std::vector<double>& posture, double within) {
            stream.set(joint_vector(posture, stream.joint_count(), "posture"), within);
          },
          py::arg("posture"), py::arg("within"));
}

void bind_samples(py::module_& m) {
  py::class_<FingerContact>(m, "FingerContact")
      .def(py::init<>())
      .def_readwrite("touching", &FingerContact::touching)
      .def_readwrite("position", &FingerContact::position)
      .def_readwrite("normal", &FingerContact::normal)
      .def_readwrite("tangent", &FingerContact::tangent)
      .def_readwrite("force", &FingerContact::force)
      .def_readwrite("slip_speed", &FingerContact::slip_speed);

  py::class_<HandState> state(m, "HandState");
  state
      .def(py::init([](int joint_count) {
             HandState s;
             if (joint_count < 1 || joint_count > kMaxJoints) {
               throw py::value_error("joint_count must be 1 to " + std::to_string(kMaxJoints));
             }
             s.q = s.dq = JointVector::Zero(joint_count);
             return s;
           }),
           py::arg("joint_count"))
      .def_readwrite("time", &HandState::time)
      .def_readwrite("sequence", &HandState::sequence)
      .def_readwrite("emergency_stop", &HandState::emergency_stop)
      .def(
          "contact",
          [](HandState& s, int finger) -> FingerContact& {
            if (finger < 0 || finger >= kMaxFingers) throw py::index_error("no such finger");
            return s.contact[static_cast<std::size_t>(finger)];
          },
          py::arg("finger"), py::return_value_policy::reference_internal);
  joint_property(state, "q", &HandState::q);
  joint_property(state, "dq", &HandState::dq);
  actuator_property(state, "current", &HandState::current);
  actuator_property(state, "temperature", &HandState::temperature);

  py::class_<HandCommand>(m, "HandCommand")
      .def_readonly("time", &HandCommand::time)
      .def_property_readonly("torque",
                             [](const HandCommand& c) { return Eigen::VectorXd(c.torque); })
      .def_property_readonly("effort",
                             [](const HandCommand& c) { return Eigen::VectorXd(c.effort); })
      .def_property_readonly("current",
                             [](const HandCommand& c) { return Eigen::VectorXd(c.current); })
      .def_property_readonly("duty", [](const HandCommand& c) { return Eigen::VectorXd(c.duty); })
      .def_readonly("limp", &HandCommand::limp);
}

void bind_config(py::module_& m) {
  py::class_<ForceFeedbackConfig>(m, "ForceFeedbackConfig")
      .def(py::init<>())
      .def_readwrite("time_constant", &ForceFeedbackConfig::time_constant)
      .def_readwrite("slip_time_constant", &ForceFeedbackConfig::slip_time_constant)
      .def_readwrite("touch_on", &ForceFeedbackConfig::touch_on)
      .def_readwrite("touch_off", &ForceFeedbackConfig::touch_off);

  py::class_<PostureTaskConfig>(m, "PostureTaskConfig")
      .def(py::init<>())
      .def_readwrite("thumb", &PostureTaskConfig::thumb)
      .def_readwrite("settle_time", &PostureTaskConfig::settle_time)
      .def_readwrite("yield_time", &PostureTaskConfig::yield_time)
      .def_readwrite("balance_rate", &PostureTaskConfig::balance_rate)
      .def_readwrite("balance_deadband", &PostureTaskConfig::balance_deadband)
      .def_readwrite("release_time", &PostureTaskConfig::release_time)
      .def_readwrite("onset_time", &PostureTaskConfig::onset_time);

  py::class_<ForceLawConfig> law(m, "ForceLawConfig");
  law.def(py::init<>())
      .def_readwrite("integral_max", &ForceLawConfig::integral_max)
      .def_readwrite("friction_rate", &ForceLawConfig::friction_rate);
  joint_property(law, "dry_friction", &ForceLawConfig::dry_friction);
  joint_property(law, "stiffness", &ForceLawConfig::stiffness);
  joint_property(law, "damping", &ForceLawConfig::damping);
  finger_property(law, "integral_gain", &ForceLawConfig::integral_gain);

  py::class_<PostureHoldConfig>(m, "PostureHoldConfig")
      .def(py::init<>())
      .def_readwrite("begin", &PostureHoldConfig::begin)
      .def_readwrite("rate", &PostureHoldConfig::rate)
      .def_readwrite("part", &PostureHoldConfig::part);

  py::class_<GripConfig> grip(m, "GripConfig");
  grip.def(py::init<>())
      .def_readwrite("adaptive", &GripConfig::adaptive)
      .def_readwrite("blind_level", &GripConfig::blind_level)
      .def_readwrite("level_min", &GripConfig::level_min)
      .def_readwrite("force_max", &GripConfig::force_max)
      .def_readwrite("margin", &GripConfig::margin)
      .def_readwrite("friction_initial", &GripConfig::friction_initial)
      .def_readwrite("friction_min", &GripConfig::friction_min)
      .def_readwrite("friction_gain", &GripConfig::friction_gain)
      .def_readwrite("slip_speed", &GripConfig::slip_speed)
      .def_readwrite("ratio_time_constant", &GripConfig::ratio_time_constant)
      .def_readwrite("reflex_rate", &GripConfig::reflex_rate)
      .def_readwrite("reflex_gain", &GripConfig::reflex_gain)
      .def_readwrite("reflex_time", &GripConfig::reflex_time)
      .def_readwrite("rise_rate", &GripConfig::rise_rate)
      .def_readwrite("release_time", &GripConfig::release_time)
      .def_readwrite("load_time_constant", &GripConfig::load_time_constant);
  finger_property(grip, "share", &GripConfig::share);

  py::class_<SafetyConfig> safety(m, "SafetyConfig");
  safety.def(py::init<>())
      .def_readwrite("velocity_max", &SafetyConfig::velocity_max)
      .def_readwrite("position_margin", &SafetyConfig::position_margin)
      .def_readwrite("position_jump", &SafetyConfig::position_jump)
      .def_readwrite("contact_force_max", &SafetyConfig::contact_force_max)
      .def_readwrite("temperature_max", &SafetyConfig::temperature_max)
      .def_readwrite("temperature_limp", &SafetyConfig::temperature_limp)
      .def_readwrite("frozen_after", &SafetyConfig::frozen_after)
      .def_readwrite("frozen_torque", &SafetyConfig::frozen_torque)
      .def_readwrite("frozen_force", &SafetyConfig::frozen_force)
      .def_readwrite("overruns_max", &SafetyConfig::overruns_max)
      .def_readwrite("stale_after", &SafetyConfig::stale_after)
      .def_readwrite("hold_after", &SafetyConfig::hold_after)
      .def_readwrite("limp_after", &SafetyConfig::limp_after)
      .def_readwrite("over_current_hold", &SafetyConfig::over_current_hold)
      .def_readwrite("over_current_limp", &SafetyConfig::over_current_limp);
  joint_property(safety, "position_min", &SafetyConfig::position_min);
  joint_property(safety, "position_max", &SafetyConfig::position_max);
  joint_property(safety, "torque_max", &SafetyConfig::torque_max);
  actuator_property(safety, "current_max", &SafetyConfig::current_max);

  py::class_<ControllerConfig>(m, "ControllerConfig")
      .def(py::init<>())
      .def_readwrite("period", &ControllerConfig::period)
      .def_readwrite("force_feedback", &ControllerConfig::force_feedback)
      .def_readwrite("task", &ControllerConfig::task)
      .def_readwrite("grip", &ControllerConfig::grip)
      .def_readwrite("fingertips", &ControllerConfig::fingertips)
      .def_readwrite("object", &ControllerConfig::object)
      .def_readwrite("fade_time", &ControllerConfig::fade_time)
      .def_readwrite("law", &ControllerConfig::law)
      .def_readwrite("hold", &ControllerConfig::hold)
      .def_readwrite("safety", &ControllerConfig::safety)
      .def_readwrite("motors", &ControllerConfig::motors)
      .def_readwrite("observer", &ControllerConfig::observer)
      .def_readwrite("transmission", &ControllerConfig::transmission);
}

using Table = py::array_t<double, py::array::c_style | py::array::forcecast>;

JointTrajectory trajectory(const HandModel& hand, const std::vector<double>& times,
                           const std::vector<std::vector<double>>& postures) {
  if (times.size() != postures.size() || times.empty()) {
    throw py::value_error("a trajectory needs one posture per time, and at least one");
  }
  JointTrajectory t;
  for (std::size_t i = 0; i < times.size(); ++i) {
    t.add(times[i], joint_vector(postures[i], hand.joint_count, "posture"));
  }
  return t;
}

std::shared_ptr<const RecordedTrajectory> recording(const HandModel& hand,
                                                    const std::vector<double>& times,
                                                    const Table& postures) {
  if (postures.ndim() != 2 || postures.shape(1) != hand.joint_count) {
    throw py::value_error("postures must have the shape (times, " +
                          std::to_string(hand.joint_count) + ")");
  }
  return std::make_shared<const RecordedTrajectory>(
      times, std::vector<double>(postures.data(), postures.data() + postures.size()),
      hand.joint_count);
}

void check_joints(const ControllerConfig& c) {
  const auto at = [](const char* field, Eigen::Index i) {
    return std::string(field) + "[" + std::to_string(i) + "]";
  };
  if ((c.safety.torque_max.array() <= 0.0).any()) {
    throw py::value_error(
        "safety.torque_max must be > 0 for every joint: no torque without a limit");
  }
  for (Eigen::Index i = 0; i < c.law.stiffness.size(); ++i) {
    not_negative(at("law.stiffness", i), c.law.stiffness[i]);
    not_negative(at("law.damping", i), c.law.damping[i]);
    require(c.safety.position_min[i] < c.safety.position_max[i], at("safety.position_min", i),
            "below safety.position_max of that joint", c.safety.position_min[i]);
  }
  for (Eigen::Index i = 0; i < c.law.dry_friction.size(); ++i) {
    not_negative(at("law.dry_friction", i), c.law.dry_friction[i]);
  }
}

void check_object(const ObjectGraspConfig& object) {
  require(object.margin >= 0.0 && object.margin < 1.0, "object.margin", "in [0, 1)", object.margin);
  not_negative("object.force_min", object.force_min);
  not_negative("object.reflex_rate", object.reflex_rate);
  not_negative("object.reflex_gain", object.reflex_gain);
  positive("object.release_time", object.release_time);

  const ObjectImpedanceConfig& impedance = object.impedance;
  not_negative("object.impedance.stiffness", impedance.stiffness);
  not_negative("object.impedance.damping", impedance.damping);
  not_negative("object.impedance.rotation_stiffness", impedance.rotation_stiffness);
  not_negative("object.impedance.rotation_damping", impedance.rotation_damping);
  not_negative("object.impedance.load_time", impedance.load_time);
  not_negative("object.impedance.integral_rate", impedance.integral_rate);
  not_negative("object.impedance.integral_max", impedance.integral_max);

  const FrictionConfig& friction = object.friction;
  positive("object.friction.initial", friction.initial);
  require(friction.smallest > 0.0 && friction.smallest <= friction.initial,
          "object.friction.smallest", "> 0 and at most object.friction.initial", friction.smallest);
  fraction("object.friction.gain", friction.gain);
  not_negative("object.friction.slip_speed", friction.slip_speed);
  not_negative("object.friction.time_constant", friction.time_constant);
  not_negative("object.friction.new_slip_after", friction.new_slip_after);
  not_negative("object.friction.force_min", friction.force_min);
}

void check_scalars(const ControllerConfig& c) {
  require(c.period > 0.0, "period", "> 0 s and finite", c.period);

  const ForceFeedbackConfig& feedback = c.force_feedback;
  not_negative("force_feedback.time_constant", feedback.time_constant);
  not_negative("force_feedback.slip_time_constant", feedback.slip_time_constant);
  not_negative("force_feedback.touch_on", feedback.touch_on);
  require(feedback.touch_off >= 0.0 && feedback.touch_off <= feedback.touch_on,
          "force_feedback.touch_off", ">= 0 and at most force_feedback.touch_on",
          feedback.touch_off);

  not_negative("task.settle_time", c.task.settle_time);
  not_negative("task.yield_time", c.task.yield_time);
  not_negative("task.balance_rate", c.task.balance_rate);
  not_negative("task.balance_deadband", c.task.balance_deadband);
  not_negative("task.release_time", c.task.release_time);
  not_negative("task.onset_time", c.task.onset_time);

  const GripConfig& grip = c.grip;
  not_negative("grip.force_max", grip.force_max);
  require(grip.level_min > 0.0 && grip.level_min <= grip.force_max, "grip.level_min",
          "> 0 and at most grip.force_max", grip.level_min);
  require(grip.blind_level >= 0.0 && grip.blind_level <= grip.force_max, "grip.blind_level",
          ">= 0 and at most grip.force_max", grip.blind_level);
  require(grip.margin >= 0.0 && grip.margin < 1.0, "grip.margin", "in [0, 1)", grip.margin);
  positive("grip.friction_initial", grip.friction_initial);
  require(grip.friction_min > 0.0 && grip.friction_min <= grip.friction_initial,
          "grip.friction_min", "> 0 and at most grip.friction_initial", grip.friction_min);
  fraction("grip.friction_gain", grip.friction_gain);
  not_negative("grip.slip_speed", grip.slip_speed);
  not_negative("grip.ratio_time_constant", grip.ratio_time_constant);
  not_negative("grip.reflex_rate", grip.reflex_rate);
  not_negative("grip.reflex_gain", grip.reflex_gain);
  not_negative("grip.reflex_time", grip.reflex_time);
  not_negative("grip.rise_rate", grip.rise_rate);
  positive("grip.release_time", grip.release_time);
  not_negative("grip.load_time_constant", grip.load_time_constant);

  not_negative("fingertips.stiffness", c.fingertips.stiffness);
  not_negative("fingertips.damping", c.fingertips.damping);
  not_negative("fade_time", c.fade_time);
  check_object(c.object);

  for (std::size_t f = 0; f < kMaxFingers; ++f) {
    const std::string finger = std::string("[").append(std::to_string(f)).append("]");
    fraction("grip.share" + finger, grip.share[f]);
    not_negative("law.integral_gain" + finger, c.law.integral_gain[f]);
  }
  not_negative("law.integral_max", c.law.integral_max);
  not_negative("law.friction_rate", c.law.friction_rate);

  require(c.hold.begin >= 0.0, "hold.begin", ">= 0, infinite for never");
  not_negative("hold.rate", c.hold.rate);
  fraction("hold.part", c.hold.part);

  positive("safety.velocity_max", c.safety.velocity_max);
  not_negative("safety.position_margin", c.safety.position_margin);
  not_negative("safety.position_jump", c.safety.position_jump);
  positive("safety.contact_force_max", c.safety.contact_force_max);
  positive("safety.temperature_max", c.safety.temperature_max);
  require(c.safety.temperature_limp >= c.safety.temperature_max, "safety.temperature_limp",
          "at least safety.temperature_max", c.safety.temperature_limp);
  positive("safety.frozen_after", c.safety.frozen_after);
  positive("safety.frozen_torque", c.safety.frozen_torque);
  positive("safety.frozen_force", c.safety.frozen_force);
  not_negative("safety.overruns_max", c.safety.overruns_max);
  positive("safety.stale_after", c.safety.stale_after);
  not_negative("safety.hold_after", c.safety.hold_after);
  positive("safety.limp_after", c.safety.limp_after);
  not_negative("safety.over_current_hold", c.safety.over_current_hold);
  require(c.safety.over_current_hold < c.safety.over_current_limp, "safety.over_current_hold",
          "below safety.over_current_limp", c.safety.over_current_hold);
  require(c.safety.hold_after < c.safety.limp_after, "safety.hold_after",
          "below safety.limp_after, or nothing is held before the hand goes limp",
          c.safety.hold_after);
}

}  // namespace

// The storage of a tick is sized by the hand, so every vector of the configuration has to be, too.
void check(const HandModel& hand, const ControllerConfig& c) {
  const auto sized = [&hand](const JointVector& v, const char* name) {
    if (v.size() == hand.joint_count && v.allFinite()) return;
    throw py::value_error(std::string(name) + " has " + std::to_string(v.size()) +
                          " entries; this hand needs " + std::to_string(hand.joint_count) +
                          ", all finite");
  };
  sized(c.law.stiffness, "law.stiffness");
  sized(c.law.damping, "law.damping");
  if (c.law.friction_rate > 0.0) sized(c.law.dry_friction, "law.dry_friction");
  sized(c.safety.position_min, "safety.position_min");
  sized(c.safety.position_max, "safety.position_max");
  sized(c.safety.torque_max, "safety.torque_max");
  check_joints(c);
  check_scalars(c);
  check(hand, c.transmission);
  const int motors = motor_count(hand, c.transmission);
  check(c.motors, motors);
  const Eigen::Index limited = c.safety.current_max.size();
  require((limited == 0 || limited == motors) && (c.safety.current_max.array() > 0.0).all(),
          "safety.current_max", "empty, or > 0 for every motor");
  check(c.observer);
  if (c.observer.force_source == ForceSource::kMotors &&
      c.transmission.kind != TransmissionKind::kDirect) {
    throw py::value_error(
        "observer.force_source = motors needs a motor on every joint; a hand with another "
        "transmission has to feel with its skin");
  }
  if (c.task.thumb < 0 || c.task.thumb >= hand.finger_count) {
    throw py::value_error("task.thumb names finger " + std::to_string(c.task.thumb) +
                          " of a hand with " + std::to_string(hand.finger_count));
  }
}

void bind_controller(py::module_& m) {
  py::native_enum<SafetyState>(m, "SafetyState", "enum.IntEnum")
      .value("OK", SafetyState::kOk)
      .value("DEGRADED", SafetyState::kDegraded)
      .value("HOLD", SafetyState::kHold)
      .value("LIMP", SafetyState::kLimp)
      .value("STOPPED", SafetyState::kStopped)
      .finalize();
  py::native_enum<Fault>(m, "Fault", "enum.IntEnum")
      .value("NONE", Fault::kNone)
      .value("NOT_A_NUMBER", Fault::kNotANumber)
      .value("STALE", Fault::kStale)
      .value("JOINT_LIMIT", Fault::kJointLimit)
      .value("OVER_SPEED", Fault::kOverSpeed)
      .value("TORQUE_NOT_A_NUMBER", Fault::kTorqueNotANumber)
      .value("STOP_REQUESTED", Fault::kStopRequested)
      .value("POSITION_JUMP", Fault::kPositionJump)
      .value("FROZEN_SENSOR", Fault::kFrozenSensor)
      .value("OVER_FORCE", Fault::kOverForce)
      .value("OVER_TEMPERATURE", Fault::kOverTemperature)
      .value("LAW_TOO_LONG", Fault::kLawTooLong)
      .value("EMERGENCY_STOP", Fault::kEmergencyStop)
      .value("EFFORT_NOT_A_NUMBER", Fault::kEffortNotANumber)
      .value("OVER_CURRENT", Fault::kOverCurrent)
      .finalize();
  bind_samples(m);
  bind_stream(m);
  bind_config(m);

  py::class_<Controller> controller(m, "Controller");
  bind_tasks_of(controller);
  controller
      .def(py::init([](const HandModel& hand, const ControllerConfig& config) {
             check(hand, config);
             return std::make_unique<Controller>(hand, config);
           }),
           py::arg("hand"), py::arg("config"))
      .def(
          "tick",
          [](Controller& c, const HandState& state, double now) {
            if (state.q.size() != c.model().joint_count ||
                state.dq.size() != c.model().joint_count) {
              throw py::value_error("the state has " + std::to_string(state.q.size()) +
                                    " joints, the hand " + std::to_string(c.model().joint_count));
            }
            const Claim claim(c, Claim::By::kCaller);
            return Eigen::VectorXd(c.tick(state, now).torque);
          },
          py::arg("state"), py::arg("now"))
      .def(
          "set_trajectory",
          [](Controller& c, const std::vector<double>& times,
             const std::vector<std::vector<double>>& postures) {
            const JointTrajectory t = trajectory(c.model(), times, postures);
            const Claim claim(c, Claim::By::kCaller);
            c.set_trajectory(t);
          },
          py::arg("times"), py::arg("postures"))
      .def(
          "set_recording",
          [](Controller& c, const std::vector<double>& times, const Table& postures) {
            auto r = recording(c.model(), times, postures);
            const Claim claim(c, Claim::By::kCaller);
            c.set_recording(std::move(r));
          },
          py::arg("times"), py::arg("postures"))
      .def(
          "set_stream",
          [](Controller& c, std::shared_ptr<PostureStream> stream) {
            if (stream->joint_count() != c.model().joint_count) {
              throw py::value_error("the stream is for " + std::to_string(stream->joint_count()) +
                                    " joints, the hand has " +
                                    std::to_string(c.model().joint_count));
            }
            const Claim claim(c, Claim::By::kCaller);
            c.set_stream(std::move(stream));
          },
          py::arg("stream"))
      .def(
          "set_law",
          [](Controller& c, const py::object& law, const std::optional<std::vector<double>>& p) {
            const CustomLaw chosen = choose_law(law, p);
            const Claim claim(c, Claim::By::kCaller);
            c.set_law(chosen);
          },
          py::arg("law").none(true), py::arg("parameters") = py::none())
      .def(
          "guide",
          [](Controller& c, const std::vector<double>& offset, double grip_scale, double within) {
            const JointVector q = joint_vector(offset, c.model().joint_count, "offset");
            const Claim claim(c, Claim::By::kCaller);
            c.guide(q, grip_scale, within);
          },
          py::arg("offset"), py::arg("grip_scale") = 1.0, py::arg("within") = 0.0)
      .def("reset",
           [](Controller& c) {
             const Claim claim(c, Claim::By::kCaller);
             c.reset();
           })
      .def("request_stop",
           [](Controller& c) {
             const Claim claim(c, Claim::By::kCaller);
             c.request_stop();
           })
      .def_property_readonly("motor_count",
                             [](const Controller& c) { return c.transmission().motor_count(); })
      .def_property_readonly("effort", claimed<Controller>([](const Controller& c) {
                               return Eigen::VectorXd(c.command().effort);
                             }))
      .def_property_readonly("safety_state", claimed<Controller>([](const Controller& c) {
                               return c.safety().state();
                             }))
      .def_property_readonly(
          "fault", claimed<Controller>([](const Controller& c) { return c.safety().fault(); }))
      .def_property_readonly("fault_index", claimed<Controller>([](const Controller& c) {
                               return c.safety().index();
                             }))
      .def_property_readonly("command", claimed<Controller>([](const Controller& c) {
                               return HandCommand(c.command());
                             }))
      .def_property_readonly("hottest_motor", claimed<Controller>([](const Controller& c) {
                               const HottestMotor h = c.motors().hottest();
                               return py::make_tuple(h.index, h.winding, h.limit);
                             }))
      .def_property_readonly("motor_limits", claimed<Controller>([](const Controller& c) {
                               std::vector<MotorLimit> limits;
                               for (int k = 0; k < c.motors().config().count; ++k)
                                 limits.push_back(c.motors().limit(k));
                               return limits;
                             }))
      .def_property_readonly(
          "external_torque", claimed<Controller>([](const Controller& c) {
            return Eigen::VectorXd(c.force_estimate().observer().external_torque());
          }))
      .def_property_readonly(
          "grip_level", claimed<Controller>([](const Controller& c) { return c.grip().level(); }))
      .def_property_readonly(
          "friction", claimed<Controller>([](const Controller& c) { return c.grip().friction(); }))
      .def_property_readonly("slip_count", claimed<Controller>([](const Controller& c) {
                               return c.grip().slip_count();
                             }))
      .def_property_readonly("wanted_force", claimed<Controller>([](const Controller& c) {
                               std::vector<double> force;
                               for (int f = 0; f < c.model().finger_count; ++f)
                                 force.push_back(c.wanted_force(f));
                               return force;
                             }));
}

}  // namespace handloop::bindings
